@payments @pci-6.2.4 @cwe-841 @asvs-V2.3.1 @wstg-BUSL-06
Feature: Cards that PayPal alone knows

  PayPal's sandbox has brands, declines and checks of its own. Its order is complete although the card was declined, and
  a card whose bank does not stand for its holder is offered for a capture all the same: the shop has to look.

  @critical @defect-W20 @defect-L01
  Scenario: A Maestro card pays for an order
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Maestro card
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @critical @defect-F04
  Scenario Outline: <card> is declined, and another one pays
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the shopper is told that the card was declined
    And nothing is fulfilled
    When the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured

    Examples:
      | card                                           |
      | a card that is restricted                      |
      | a card that its bank declines without a reason |

  @high @defect-B06
  Scenario Outline: <card> is not charged, though PayPal would let it
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the order stays unpaid
    And the provider counts 0 captures
    And nothing is fulfilled

    Examples:
      | card                                              |
      | a card in no bank's programme                     |
      | a card whose bank refuses it unseen by its holder |
      | a card whose bank's check is not available        |

  @critical @defect-F04 @defect-F03 @simulator-only
  Scenario: A bank account behind PayPal pays days later, and only then
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a bank account behind PayPal
    Then the order stays unpaid
    And nothing is fulfilled
    When the provider completes the payment that waits
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider
